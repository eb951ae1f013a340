import { CLIENT_HEADER } from '../../proto/access/index.ts';

/** What a browser does with cookies, and what its pages may send. */
export class BrowserSession {
  readonly cookies = new Map<string, string>();
  private readonly origin: string;

  constructor(port: number) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** As the page of the dashboard itself. */
  ask(method: string, path: string, body?: unknown): Promise<Response> {
    return this.send(method, path, body, { [CLIENT_HEADER]: '1', 'sec-fetch-site': 'same-origin' });
  }

  signIn(login: string, password: string): Promise<Response> {
    return this.ask('POST', '/api/v1/session', { login, password, deliver: 'cookies' });
  }
}
