/** A labelled input of a form, with what the API has to say about it. */
import { type ComponentProps, useId } from "react";
import type { FaultFragment } from "../gen/graphql";

interface Props extends ComponentProps<"input"> {
  label: string;
  /** The field of the mutation's input. */
  name: string;
  hint?: string;
  faults?: readonly FaultFragment[] | undefined;
}

export function Field({ label, hint, faults = [], ...input }: Props) {
  const id = useId();
  const mine = faults.filter((fault) => fault.field === input.name);
  const isRefused = mine.length > 0;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-invalid={isRefused} aria-describedby={`${id}-about`} {...input} />
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
