import { defineCommand } from '../command.ts';
import { list, path, required, text, toggle } from '../flag.ts';

export const stripCommand = defineCommand({
  name: 'strip',
  alias: 'strip_pruning_vars',
  summary: 'Freeze a checkpoint into a graph without masks, thresholds and raw weights',
  flags: {
    'What you need': {
      checkpoint_dir: path({
        default: '/tmp/cifar10_train',
        alias: 'checkpoint_path',
        doc: 'Folder of a training run; its newest checkpoint is frozen',
      }),
      output_node_names: required(
        list({
          default: [],
          doc: 'Nodes whose values the frozen graph must give, such as softmax_linear/softmax_linear_2',
        }),
      ),
    },
    Graph: {
      input_node_names: list({
        default: [],
        doc: 'Nodes to cut the graph at and to replace by placeholders',
      }),
      moving_average: toggle('Freeze the moving averages of the weights instead of the weights themselves'),
    },
    Output: {
      output_dir: path({ default: '/tmp', doc: 'Folder for the frozen graph' }),
      filename: text({
        default: 'pruning_stripped.pb',
        placeholder: 'FILE',
        doc: 'Name of the frozen graph',
      }),
      overwrite: toggle('Replace a file of that name'),
    },
  },
  examples: [
    'cifar10-prune strip --checkpoint_dir=runs/a --output_node_names=softmax_linear/softmax_linear_2 --output_dir=runs/a',
  ],
  async run() {},
});
