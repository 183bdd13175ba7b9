type Child = Node | string;
type Attributes = Readonly<Record<string, string>>;

/** An element. Texts become text, whatever they hold. */
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

/** A part of the page under a heading of its own. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    ...children,
  );
}

/** One line about what is not there, and the command that supplies it. */
export function missing(what: string, command: string): HTMLElement {
  return element('p', { class: 'missing' }, `${what} `, element('code', {}, command));
}
