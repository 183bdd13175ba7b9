import { SUPPORTED_HPARAMS } from '../../hparams/index.ts';
import { SETTABLE } from './settings.ts';

/** The JSON schema (draft 2020-12) of recipes, with which editors complete and check them. */
export function recipeSchema(): object {
  const scalar = { type: ['string', 'number', 'boolean'] };
  const listed = (name: string) =>
    (SUPPORTED_HPARAMS as Readonly<Record<string, { type: string }>>)[name]?.type === 'list'
      ? { anyOf: [scalar, { type: 'array', items: scalar }] }
      : scalar;
  const mapping = (ofName: (name: string) => object) => ({
    type: 'object',
    properties: Object.fromEntries(
      [...SETTABLE].map(([name, doc]) => [name, { description: doc, ...ofName(name) }]),
    ),
    additionalProperties: false,
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Recipe of cifar10-prune sweep',
    type: 'object',
    properties: {
      settings: { description: 'Settings of every run: flags of train and hparams', ...mapping(listed) },
      grid: {
        description: 'Axes: each combination of one value an axis is a run',
        ...mapping((name) => ({ type: 'array', minItems: 1, items: listed(name) })),
      },
      runs: {
        description: 'Further runs, each with its settings in addition to the common ones',
        type: 'array',
        items: mapping(listed),
      },
    },
    additionalProperties: false,
  };
}
