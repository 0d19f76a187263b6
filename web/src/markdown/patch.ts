/** Makes the live children equal to the new ones from `from` on, changing as little as it can; returns where the new ones end. */
export function patchChildren(parent: Node, from: number, wanted: readonly Node[], isRest: boolean): number {
  let at = from;
  for (const next of wanted) {
    const old = parent.childNodes[at];
    if (!old) parent.appendChild(next);
    else if (!patchNode(old, next)) parent.replaceChild(next, old);
    at += 1;
  }
  if (isRest) while (parent.childNodes.length > at) parent.lastChild?.remove();
  return at;
}

/** False when the two are of different kinds. */
function patchNode(old: Node, next: Node): boolean {
  if (old instanceof Text && next instanceof Text) {
    if (next.data.startsWith(old.data)) {
      if (next.data.length > old.data.length) old.appendData(next.data.slice(old.data.length));
    } else {
      old.data = next.data;
    }
    return true;
  }
  if (!(old instanceof Element) || !(next instanceof Element) || old.tagName !== next.tagName) return false;
  if (old.classList.contains("math") || next.classList.contains("math")) return isSameMath(old, next);
  patchAttributes(old, next);
  patchChildren(old, 0, [...next.childNodes], true);
  return true;
}

const isSameMath = (old: Element, next: Element): boolean => old.className === next.className && old.getAttribute("data-tex") === next.getAttribute("data-tex");

function patchAttributes(old: Element, next: Element): void {
  for (const { name, value } of [...next.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.attributes.length === next.attributes.length) return;
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
}
