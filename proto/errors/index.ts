/** Every code an API error, refused subscription or failed start may carry, and what it means. */
export const ERROR_CODES = {
  BAD_REQUEST: 'a parameter or the body is not as the endpoint expects',
  FORBIDDEN: 'the caller may not do this here',
  NOT_FOUND: 'no such path',
  METHOD_NOT_ALLOWED: 'the path exists, the method does not',
  NOT_ACCEPTABLE: 'the answer cannot be had in any of the formats that the request accepts',
  UNSUPPORTED_MEDIA_TYPE: 'the content type or encoding is not one the endpoint reads',
  PAYLOAD_TOO_LARGE: 'the body is larger than the configured limit',
  NOT_READY: 'the platform is starting or stopping',
  OVERLOADED: 'the platform cannot take more just now; try again later',
  STORAGE_UNAVAILABLE: 'a store that the platform depends on cannot be reached',
  DEADLINE_EXCEEDED: 'the query took longer than it may',
  QUERY_TOO_LARGE: 'the query would read more than it may',
  CONFIG_INVALID: 'a setting has a value it cannot have',
  PORT_IN_USE: 'another process listens on the port',
  DATA_DIR_UNUSABLE: 'the data directory cannot be written, or another process uses it',
  INTERNAL: 'a bug; the log says more',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;
