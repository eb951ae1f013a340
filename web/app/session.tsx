import { useLocation, useNavigate } from '@solidjs/router';
import {
  createContext,
  createResource,
  onCleanup,
  Show,
  useContext,
  type Accessor,
  type JSX,
} from 'solid-js';
import { ApiProblem, type MeJson } from '../../proto/api/index.ts';
import { api, onSignedOut } from '../api/client.ts';
import { Loading, ProblemState } from '../ui/states.tsx';
import { signInHref } from './sign-in-href.ts';

export interface SessionUse {
  readonly me: Accessor<MeJson>;
  /** Looks whether the session is still there; leaves for the sign-in when it is not. */
  readonly check: () => void;
  readonly signOut: () => Promise<void>;
}

const SessionContext = createContext<SessionUse>();

export function useSession(): SessionUse {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession needs a SessionGate above it');
  return session;
}

/** Shows what is in it to those who are signed in, and the way in to everybody else. */
export function SessionGate(props: { readonly children: JSX.Element }): JSX.Element {
  const location = useLocation();
  const navigate = useNavigate();
  const leave = (why?: 'second-factor') => {
    navigate(signInHref(`${location.pathname}${location.search}`, why), { replace: true });
  };
  const [me, { refetch }] = createResource(async () => {
    const answer = await api.get({ path: '/api/v1/me' });
    if (answer.mustChangePassword) leave();
    else if (answer.mustSetUpSecondFactor) leave('second-factor');
    return answer;
  });
  onCleanup(
    onSignedOut(() => {
      leave();
    }),
  );
  const use = (known: Accessor<MeJson>): SessionUse => ({
    me: known,
    check: () => {
      api.get({ path: '/api/v1/me' }).catch(() => undefined);
    },
    signOut: async () => {
      await api.send('DELETE /api/v1/session', {}).catch(() => undefined);
      navigate('/sign-in', { replace: true });
    },
  });
  const problem = () => {
    const error: unknown = me.error;
    if (!(error instanceof ApiProblem) || error.code === 'UNAUTHENTICATED') return undefined;
    return error;
  };
  const settled = () => {
    const known = me.error === undefined ? me() : undefined;
    return known?.mustChangePassword === false && !known.mustSetUpSecondFactor ? known : undefined;
  };
  return (
    <Show
      when={settled()}
      fallback={
        <Show when={problem()} fallback={<Loading what="the session" />}>
          {(error) => <ProblemState what="The session" problem={error()} onRetry={() => void refetch()} />}
        </Show>
      }
    >
      {(known) => <SessionContext.Provider value={use(known)}>{props.children}</SessionContext.Provider>}
    </Show>
  );
}
