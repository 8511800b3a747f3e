import { type SyntheticEvent, useState } from "react";
import { post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { Me } from "../../api/schema";
import { session } from "../../api/session";
import { useStore } from "../../live/store";

export function SignIn() {
  const { ended } = useStore(session);
  const [error, setError] = useState<RefusedError | null>(null);
  const [busy, setBusy] = useState(false);

  async function signIn(event: SyntheticEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const asked = { email: form.get("email"), password: form.get("password") };
      const me = await post<Me>("/session", asked);
      session.change({ known: true, me, ended: false });
    } catch (failure) {
      setError(asRefused(failure));
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void signIn(event)}>
        <h1>Crossdock</h1>
        {ended && !error && <p role="status">You were signed out. Sign in to go on where you were.</p>}
        {error && (
          <p role="alert" className="mark critical">
            <span aria-hidden="true">●</span>
            <span>{saidOf(error)}</span>
          </p>
        )}
        <label>
          Email
          {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page is nothing but this form */}
          <input name="email" type="email" autoComplete="username" required maxLength={254} autoFocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required maxLength={1024} />
        </label>
        <button type="submit" className="main" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p className="faint">
          No account? Who runs this server makes one: <code>crossdock admin create-user</code>
        </p>
      </form>
    </main>
  );
}

function saidOf(error: RefusedError): string {
  return error.unreachable ? error.title : error.detail;
}
