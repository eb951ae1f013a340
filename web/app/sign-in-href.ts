/** Where one signs in, why one has to, and where one goes from there. */
export function signInHref(to: string, why?: 'second-factor'): string {
  const query = new URLSearchParams({
    ...(to === '/' ? {} : { to }),
    ...(why === undefined ? {} : { refused: why }),
  }).toString();
  return query === '' ? '/sign-in' : `/sign-in?${query}`;
}

/** A place of this app, whatever somebody wrote into the link: nothing leads elsewhere. */
export function placeAfterSignIn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to)) return '/';
  return new URL(to, 'http://app').origin === 'http://app' ? to : '/';
}
