/** A labelled input of a form, with what the API has to say about it. */
import { type ComponentProps, type ReactNode, useId } from "react";
import type { FaultFragment } from "../gen/graphql";

interface About {
  label: string;
  /** The field of the mutation's input. */
  name: string;
  hint?: string | undefined;
  faults?: readonly FaultFragment[] | undefined;
}

/** What ties an input to its label and to what is said of it. */
interface Tie {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
}

/** For one line of text. */
export function Field({ label, hint, faults, ...input }: About & ComponentProps<"input">) {
  return (
    <Labelled label={label} name={input.name} hint={hint} faults={faults}>
      {(tie) => <input {...tie} {...input} />}
    </Labelled>
  );
}

/** For several lines of text. */
export function Lines({ label, hint, faults, ...area }: About & ComponentProps<"textarea">) {
  return (
    <Labelled label={label} name={area.name} hint={hint} faults={faults}>
      {(tie) => <textarea rows={3} {...tie} {...area} />}
    </Labelled>
  );
}

function Labelled({ label, name, hint, faults = [], children }: About & { children: (tie: Tie) => ReactNode }) {
  const id = useId();
  const mine = faults.filter((fault) => fault.field === name);
  const isRefused = mine.length > 0;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": isRefused, "aria-describedby": `${id}-about` })}
      <p id={`${id}-about`} className={isRefused ? "fault" : "hint"}>
        {isRefused ? mine.map((fault) => sentence(label, fault.message)).join(" ") : hint}
      </p>
    </div>
  );
}

/** What the API says of a field may go on from its name: "is too short". */
function sentence(label: string, message: string): string {
  return /^[a-z]/.test(message) ? `${label} ${message}.` : message;
}

/** The faults that no field of this form shows. */
export function others(faults: readonly FaultFragment[] | undefined, ...shown: string[]): FaultFragment[] {
  return (faults ?? []).filter((fault) => !fault.field || !shown.includes(fault.field));
}

/** What was written into a field of a submitted form. */
export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
