import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Unavailable } from './contestant.ts';
import type { ContestantSpec } from './contestants.ts';
import type { Reply, Request } from './protocol.ts';
import type { Task } from './task.ts';

const STDERR_TAIL = 2000;

/** A contestant at work in its own process, which computes only while it is asked to. */
export class ContestantProcess {
  readonly spec: ContestantSpec;
  readonly description: string;
  readonly #connection: Connection;

  /** @throws Unavailable if the library is not installed */
  static async start(spec: ContestantSpec, folder: string): Promise<ContestantProcess> {
    const connection = new Connection(spec, folder);
    const reply = await connection.next();
    if ('ready' in reply) return new ContestantProcess(spec, reply.ready, connection);
    throw new Error(`${spec.library} began with ${JSON.stringify(reply)}`);
  }

  private constructor(spec: ContestantSpec, description: string, connection: Connection) {
    this.spec = spec;
    this.description = description;
    this.#connection = connection;
  }

  /** @returns milliseconds */
  async measure(task: Task, warmUp: number, duration: number): Promise<readonly number[]> {
    const reply = await this.#connection.ask({ do: 'measure', task, warmUp, duration });
    if ('samples' in reply) return reply.samples;
    throw new Error(`${this.spec.library} replied ${JSON.stringify(reply)}`);
  }

  async logits(task: Task): Promise<readonly number[]> {
    const reply = await this.#connection.ask({ do: 'logits', task });
    if ('logits' in reply) return reply.logits;
    throw new Error(`${this.spec.library} replied ${JSON.stringify(reply)}`);
  }

  end(): void {
    this.#connection.end();
  }
}

/** The lines to and from a process, and what it had to say when it ends without a reply. */
class Connection {
  readonly #library: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #failed: Promise<never>;
  #stderr = '';

  constructor({ library, runsOn, threads }: ContestantSpec, folder: string) {
    this.#library = library;
    const [command, ...args] =
      runsOn === 'node'
        ? [process.execPath, '--import', import.meta.resolve('tsx'), beside('serve.ts'), library]
        : [python(), beside(`../python/run_${library}.py`)];
    this.#process = spawn(command!, [...args, folder, String(threads)], { stdio: 'pipe' });
    this.#failed = new Promise((_, reject) => {
      this.#process.once('error', (error) => reject(new Unavailable(`${command}: ${error.message}`)));
    });
    this.#failed.catch(() => undefined);
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
    });
    this.#process.stdin!.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  ask(request: Request): Promise<Reply> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  /** @throws Unavailable if the process says so or there is no such program, Error if it fails or ends */
  async next(): Promise<Reply> {
    const { value, done } = await Promise.race([this.#lines.next(), this.#failed]);
    if (done) throw new Error(`the process of ${this.#library} has ended:\n${this.#stderr}`);
    const reply = JSON.parse(value) as Reply;
    if ('unavailable' in reply) throw new Unavailable(reply.unavailable);
    if ('error' in reply) throw new Error(`${this.#library}: ${reply.error}\n${this.#stderr}`);
    return reply;
  }

  end(): void {
    this.#process.kill();
  }
}

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = () => process.env.CIFAR10_PRUNE_PYTHON ?? 'python3';
