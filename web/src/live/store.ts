import { useSyncExternalStore } from "react";

export interface Store<State> {
  now: () => State;
  change: (state: State) => void;
  listen: (listener: () => void) => () => void;
}

/** A value that components follow. */
export function store<State>(first: State): Store<State> {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    now: () => state,
    change(next) {
      if (Object.is(next, state)) return;
      state = next;
      for (const listener of listeners) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<State>(followed: Store<State>): State {
  return useSyncExternalStore(followed.listen, followed.now);
}
