import type { Prompt } from "../../api/prompts";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { usePromptWords } from "../../i18n/prompts";
import { Icon, IconName } from "../Icon";
import { whereabouts } from "./words";

const icons: Record<Prompt["kind"], IconName> = { agent: "user", block: "file", variant: "fork" };

/** One prompt of the list, and who uses it. */
export function PromptRow({ prompt }: { prompt: Prompt }) {
  const { t, format } = usePromptWords();
  const { name, kind, versions } = prompt;
  const count = t(versions === 1 ? "versions.one" : "versions.other", { count: format.number(versions) });
  return (
    <li className="row">
      <Icon name={icons[kind]} />
      <div className="row-text">
        <p className="row-title">
          <Link className="row-link variant-name" href={paths.prompt(name)}>
            {name}
          </Link>
          <span className="mark">{t(`one.${kind}`)}</span>
        </p>
        <p className="row-meta">{[prompt.description, ...whereabouts(prompt, t, format)].filter(Boolean).join(" · ")}</p>
      </div>
      <span className="row-end">{count}</span>
    </li>
  );
}
