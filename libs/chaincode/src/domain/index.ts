export type { Call, Decision, StateReader, StateReference, StateType, StateWrite } from './call';
export { contentDigest } from './canonical';
export { decide, decideSeed } from './decide';
export { isPackOf, packPath, packRoot } from './pack-proof';
export { sameHold } from './holds';
export { breaksFreezeRule, exceedsBudget, isExcused, isWithin, thermalReasons } from './thermal-state';
export { isExpired } from './batch';
