import { DragEvent, ReactNode, useRef, useState } from "react";
import { useWords } from "../../i18n/words";
import { Icon } from "../Icon";

/** Files dropped anywhere on the conversation. */
export function DropZone({ onFiles, children }: { onFiles(files: Iterable<File>): void; children: ReactNode }) {
  const { t } = useWords();
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const move = (event: DragEvent, step: number) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  const drop = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <div className="drop-zone" onDragEnter={(event) => move(event, 1)} onDragLeave={(event) => move(event, -1)} onDragOver={(event) => move(event, 0)} onDrop={drop}>
      {children}
      {isOver && (
        <div className="drop-over">
          <Icon name="attach" size={24} />
          {t("chat.drop")}
        </div>
      )}
    </div>
  );
}
