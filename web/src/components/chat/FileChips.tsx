import { useState } from "react";
import { useWords } from "../../i18n/words";
import type { Attachment } from "../../model/events";
import { Icon } from "../Icon";
import { FilePreview } from "./FilePreview";

/** Files of a message or of an agent; a press shows them. */
export function FileChips({ files }: { files: Attachment[] }) {
  const { t, format } = useWords();
  const [shown, setShown] = useState<Attachment | null>(null);
  return (
    <div className="chips">
      {files.map((file) => (
        <button key={file.file_id} type="button" className="chip" aria-label={t("file.open", { name: file.name })} onClick={() => setShown(file)}>
          <span className="chip-icon">
            <Icon name={file.media_type.startsWith("image/") ? "image" : "file"} />
          </span>
          <span className="chip-text">
            <span className="chip-name">{file.name}</span>
            <span className="chip-meta number">{format.bytes(file.size)}</span>
          </span>
        </button>
      ))}
      {shown && <FilePreview file={shown} onClose={() => setShown(null)} />}
    </div>
  );
}
