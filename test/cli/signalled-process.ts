import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { isHangupIgnored } from '../../src/cli/hangup.ts';
import { listenForInterruption } from '../../src/cli/interruption.ts';

// What a process does that tests send signals to.
const [task, ...paths] = process.argv.slice(2);

if (task === 'hangup') {
  process.stdout.write(`${isHangupIgnored()}\n`);
} else {
  const signal = listenForInterruption([process.stdout]);
  if (task === 'blocked') for (const path of paths) open(path);
  const alive = setInterval(() => {}, 1000);
  process.stdout.write('ready\n');
  signal.addEventListener('abort', async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    process.stdout.write('interrupted\n');
    clearInterval(alive);
    await setImmediate();
    if (task === 'busy') for (;;);
    process.exit(signal.reason.exitCode);
  });
}
