/** A form to log in, or to register and log in. */
import { type SubmitEvent, useState } from "react";
import { useMutation } from "urql";
import { LogInDocument, RegisterDocument } from "../gen/graphql";
import { Field, Lines, others, text } from "../shared/Field";
import { Problems } from "../shared/Problems";
import { session } from "./session";

export function LogIn() {
  const [isNew, setNew] = useState(false);
  return (
    <section className="narrow">
      <h1>{isNew ? "Make an account" : "Log in"}</h1>
      <Form key={String(isNew)} isNew={isNew} />
      <button type="button" className="quiet" onClick={() => { setNew(!isNew); }}>
        {isNew ? "I have an account" : "I have no account yet"}
      </button>
    </section>
  );
}

function Form({ isNew }: { isNew: boolean }) {
  const [registration, register] = useMutation(RegisterDocument);
  const [login, logIn] = useMutation(LogInDocument);
  const faults = [...(registration.data?.register?.userErrors ?? []), ...(login.data?.login?.userErrors ?? [])];

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const credentials = { email: text(form, "email"), password: text(form, "password") };
    if (isNew) {
      const streetAddress = text(form, "streetAddress") || null;
      const made = await register({ input: { ...credentials, name: text(form, "name"), streetAddress } });
      if (!made.data?.register?.user) return;
    }
    const { data } = await logIn({ input: credentials });
    const { accessToken, refreshToken, expiresIn } = data?.login ?? {};
    if (!accessToken || !refreshToken || !expiresIn) return;
    if (location.hash === "#account") location.hash = "#board";
    session.begin(accessToken, refreshToken, expiresIn);
  }

  return (
    <form onSubmit={submit} className="card">
      <Problems
        error={registration.error ?? login.error}
        faults={others(faults, "name", "email", "password", "streetAddress")}
      />
      {isNew && (
        <Field label="Name" name="name" autoComplete="nickname" hint="Everybody sees it." required faults={faults} />
      )}
      <Field label="E-mail" name="email" type="email" autoComplete="email" required faults={faults} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        required
        faults={faults}
      />
      {isNew && (
        <Lines
          label="Street address"
          name="streetAddress"
          autoComplete="street-address"
          hint="Only whom you trade with sees it, once an offer is accepted."
          faults={faults}
        />
      )}
      <button type="submit" disabled={registration.fetching || login.fetching}>
        {isNew ? "Make the account" : "Log in"}
      </button>
    </form>
  );
}
