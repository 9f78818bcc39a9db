#!/usr/bin/env node
import { asFileError } from './errors.js';
import { exitOnError, run } from './run.js';

process.stdout.on('error', (error) => exitOnError(asFileError('standard output', error)));
process.exitCode = await run(process.argv.slice(2)).catch(exitOnError);
