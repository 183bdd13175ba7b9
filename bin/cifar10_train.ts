#!/usr/bin/env node
process.argv.splice(2, 0, 'train');
await import('../src/cli/main.ts');
