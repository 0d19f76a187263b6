import { useEffect, useState } from "react";
import { contentUrl, inlineUrl } from "../../api/files";
import { useWords } from "../../i18n/words";
import type { Attachment } from "../../model/events";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { CodeBox } from "./CodeBox";

const longestText = 500_000;

const isText = ({ media_type, name }: Attachment): boolean =>
  /^text\/|json|xml|yaml|csv|javascript/.test(media_type) || /\.(md|txt|csv|json|ya?ml|log|swift|py|ts|js|sql|sh)$/i.test(name);

/** An image or text as it is; of anything else, name, size and a way to have it. */
export function FilePreview({ file, onClose }: { file: Attachment; onClose(): void }) {
  const { t, format } = useWords();
  return (
    <Dialog
      title={file.name}
      onClose={onClose}
      className="preview"
      actions={
        <>
          <span className="preview-meta number">
            {format.bytes(file.size)} · {file.media_type}
          </span>
          <a className="button secondary" href={contentUrl(file.file_id)} download={file.name}>
            <Icon name="download" />
            {t("common.download")}
          </a>
        </>
      }
    >
      {file.media_type.startsWith("image/") ? (
        <img className="preview-image" src={inlineUrl(file.file_id)} alt={file.name} />
      ) : isText(file) && file.size <= longestText ? (
        <TextPreview file={file} />
      ) : (
        <p>{t("file.preview.failed")}</p>
      )}
    </Dialog>
  );
}

function TextPreview({ file }: { file: Attachment }) {
  const { t } = useWords();
  const [text, setText] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    fetch(contentUrl(file.file_id), { signal: abort.signal })
      .then((answer) => (answer.ok ? answer.text() : null))
      .then(setText, () => !abort.signal.aborted && setText(null));
    return () => abort.abort();
  }, [file]);
  if (text === undefined) return <div className="skeleton preview-skeleton" />;
  return text === null ? <p>{t("file.preview.failed")}</p> : <CodeBox json={text} />;
}
