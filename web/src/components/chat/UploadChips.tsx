import { useWords } from "../../i18n/words";
import { IconButton } from "../Button";
import { Icon } from "../Icon";
import type { UploadItem } from "./useUploads";

/** What goes with the next message. */
export function UploadChips({ items, onDrop }: { items: UploadItem[]; onDrop(key: number): void }) {
  const { t, format, language } = useWords();
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  if (items.length === 0) return null;
  return (
    <div className="chips upload-chips">
      {items.map((item) => (
        <div key={item.key} className="chip">
          {item.preview ? (
            <img className="chip-picture" src={item.preview} alt="" />
          ) : (
            <span className="chip-icon">
              <Icon name="file" />
            </span>
          )}
          <span className="chip-text">
            <span className="chip-name">{item.name}</span>
            <span className="chip-meta number">{item.file ? format.bytes(item.size) : percent.format(item.progress)}</span>
          </span>
          <IconButton small icon="close" label={t("file.remove", { name: item.name })} onClick={() => onDrop(item.key)} />
          {!item.file && (
            <progress
              className="chip-progress"
              value={item.progress}
              aria-label={t("file.uploading", { name: item.name, percent: percent.format(item.progress) })}
            />
          )}
        </div>
      ))}
    </div>
  );
}
