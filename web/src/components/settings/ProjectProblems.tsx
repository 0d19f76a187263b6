import type { Settings } from "../../api/types";
import { useWords } from "../../i18n/words";
import { Notice } from "../Notice";

/** What is wrong with the project's files: the last good version runs on meanwhile. */
export function ProjectProblems({ settings }: { settings: Settings }) {
  const { count, t } = useWords();
  const { problems } = settings.project;
  if (problems.length === 0) return null;
  return (
    <Notice look="warn">
      <strong>{count("settings.problems", problems.length)}</strong>
      <p>{t("settings.problems.text")}</p>
      <ul className="problem-list">
        {problems.map((problem) => (
          <li key={problem}>
            <code>{problem}</code>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
