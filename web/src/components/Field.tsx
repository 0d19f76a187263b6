import { ReactNode, useId } from "react";

interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  problem?: string;
  children(control: ControlProps): ReactNode;
}

/** A label, its control, and under it a hint or what is wrong; a screen reader hears them together. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": problem ? true : undefined })}
      {note && (
        <p id={`${id}-note`} className={problem ? "problem" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
}
