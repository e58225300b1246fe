export * from './descriptive.js';
export * from './forecast-error.js';
