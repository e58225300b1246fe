export * from './brand.js';
export * from './clock.js';
export * from './domain-error.js';
export * from './map-limit.js';
export * from './merkle-tree.js';
export * from './random.js';
export * from './sleep.js';
export * from './unreachable.js';
export * as der from './der.js';
