type Child = Node | string;
type Attributes = Readonly<Record<string, string>>;

/** An element. String children become text nodes, never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** A section of the page with a heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    ...children,
  );
}

/** One line that says what is missing, and the command that adds it. */
export function missing(what: string, command: string): HTMLElement {
  return element('p', { class: 'missing' }, `${what} `, element('code', {}, command));
}
