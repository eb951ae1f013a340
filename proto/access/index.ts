export * from './credentials.ts';
export * from './doors.ts';
export * from './permissions.ts';
export * from './scopes.ts';
export * from './service-matcher.ts';
