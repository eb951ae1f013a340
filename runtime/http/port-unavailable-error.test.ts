import { describe, expect, it } from 'vitest';
import { PortUnavailableError } from './port-unavailable-error.ts';

const failure = (code: string): Error =>
  Object.assign(new Error(`listen ${code}: said the system`), { code });

describe('PortUnavailableError', () => {
  it.each([
    ['EACCES', 'PORT_FORBIDDEN', 'port 80 on 0.0.0.0 may not be opened by the user that runs this process'],
    ['EADDRINUSE', 'PORT_IN_USE', 'port 80 on 0.0.0.0 is in use by another process'],
    ['EMFILE', 'PORT_UNAVAILABLE', 'port 80 on 0.0.0.0 cannot be opened: listen EMFILE: said the system'],
  ])('says what %s means', (system, code, message) => {
    expect(new PortUnavailableError('0.0.0.0', 80, failure(system))).toMatchObject({ code, message });
  });

  it('finds the reason in the message of an error that has lost its code', () => {
    const lost = new Error('No address added: [listen EADDRNOTAVAIL: address not available 192.0.2.1:80]');
    expect(new PortUnavailableError('192.0.2.1', 80, lost).code).toBe('ADDRESS_UNAVAILABLE');
  });
});
