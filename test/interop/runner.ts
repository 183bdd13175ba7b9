import { inject, type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest';

/** Skips every test, hooks included, where there is no Python to ask. */
export default class SkipWithoutPython extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    if (inject('python') === '') for (const file of files) skip(file);
  }
}

function skip(task: RunnerTask): void {
  task.mode = 'skip';
  if ('tasks' in task) for (const child of task.tasks) skip(child);
}
