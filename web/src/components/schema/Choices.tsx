import { useId } from "react";

interface ChoicesProps {
  label: string;
  hint: string | null;
  problem?: string;
  choices: string[];
  picked: string[];
  onChange(picked: string[]): void;
}

/** Any number of a few. */
export function Choices({ label, hint, problem, choices, picked, onChange }: ChoicesProps) {
  const id = useId();
  const note = problem ?? hint;
  const toggle = (choice: string) => onChange(choices.filter((item) => (item === choice ? !picked.includes(item) : picked.includes(item))));
  return (
    <fieldset className="field choices" aria-describedby={note ? id : undefined}>
      <legend>{label}</legend>
      <div className="choices-list">
        {choices.map((choice) => (
          <label key={choice} className="check">
            <input type="checkbox" checked={picked.includes(choice)} onChange={() => toggle(choice)} />
            {choice}
          </label>
        ))}
      </div>
      {note && (
        <p id={id} className={problem ? "problem" : "hint"}>
          {note}
        </p>
      )}
    </fieldset>
  );
}
