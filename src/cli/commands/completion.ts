import { UserError } from '../../errors.ts';
import { type Command, defineCommand } from '../command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const STARTS = [
  ['~/.bashrc', 'source <(cifar10-prune completion bash)'],
  ['~/.zshrc', 'source <(cifar10-prune completion zsh), after compinit'],
  ['~/.config/fish/config.fish', 'cifar10-prune completion fish | source'],
] as const;

/** @param commands returns all commands to complete, this one included */
export const completionCommand = (commands: () => readonly Command[]) =>
  defineCommand({
    name: 'completion',
    summary: 'Print a script with which a shell completes commands and flags',
    operand: { placeholder: 'SHELL', many: false, doc: `One of ${SHELLS.join(', ')}`, completion: SHELLS },
    flags: {},
    footer: (layout) => `Line for your shell's startup file:\n${layout.items(STARTS)}\n`,
    examples: ['cifar10-prune completion bash'],
    async run(_flags, { stdout }, [given]) {
      const shell = SHELLS.find((name) => name === given);
      if (!shell)
        throw new UserError(
          'usage',
          `there is no completion for ${given}, expected one of ${SHELLS.join(', ')}`,
        );
      const { completedCommands } = await import('../completion/completions.ts');
      const { bashCompletion } = await import('../completion/bash.ts');
      const { zshCompletion } = await import('../completion/zsh.ts');
      const { fishCompletion } = await import('../completion/fish.ts');
      const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
      stdout.write(scripts[shell](completedCommands(commands())));
    },
  });
