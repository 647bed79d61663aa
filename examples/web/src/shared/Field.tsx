/** A labelled input of a form, with the API's error for it. */
import { type ComponentProps, type ReactNode, useId } from "react";
import type { FaultFragment } from "../gen/graphql";

interface About {
  label: string;
  /** The name of the field in the mutation's input. */
  name: string;
  hint?: string | undefined;
  faults?: readonly FaultFragment[] | undefined;
}

/** The attributes that connect an input with its label and its error. */
interface Tie {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
}

/** An input for one line of text. */
export function Field({ label, hint, faults, ...input }: About & ComponentProps<"input">) {
  return (
    <Labelled label={label} name={input.name} hint={hint} faults={faults}>
      {(tie) => <input {...tie} {...input} />}
    </Labelled>
  );
}

/** An input for several lines of text. */
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

/** The API's error for a field, which may continue its name: "is too short". */
function sentence(label: string, message: string): string {
  return /^[a-z]/.test(message) ? `${label} ${message}.` : message;
}

/** The errors that no field of this form shows. */
export function others(faults: readonly FaultFragment[] | undefined, ...shown: string[]): FaultFragment[] {
  return (faults ?? []).filter((fault) => !fault.field || !shown.includes(fault.field));
}

/** The value of a field of a submitted form. */
export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
