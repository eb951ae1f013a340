/** Where one signs in, and where one goes from there. */
export function signInHref(to: string): string {
  return to === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(to)}`;
}

/** A place of this app, whatever somebody wrote into the link: nothing leads elsewhere. */
export function placeAfterSignIn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to)) return '/';
  return new URL(to, 'http://app').origin === 'http://app' ? to : '/';
}
