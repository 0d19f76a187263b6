import type { SelectHTMLAttributes } from "react";
import { useAccount } from "../../app/account";
import { atLeast, Role, roles } from "../../api/types";
import { useWords } from "../../i18n/words";

type RoleSelectProps = Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> & { value: Role; onChange(role: Role): void };

/** The roles that one may give: nobody gives one above their own. */
export function RoleSelect({ value, onChange, className = "", ...props }: RoleSelectProps) {
  const { t } = useWords();
  const { me } = useAccount();
  return (
    <select {...props} className={`input ${className}`} value={value} onChange={(event) => onChange(event.target.value as Role)}>
      {roles
        .filter((role) => atLeast(me.role, role) || role === value)
        .map((role) => (
          <option key={role} value={role}>
            {t(`role.${role}`)}
          </option>
        ))}
    </select>
  );
}
