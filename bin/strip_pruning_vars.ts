#!/usr/bin/env node
process.argv.splice(2, 0, 'strip');
await import('../src/cli/main.ts');
