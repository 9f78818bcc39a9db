// A page that finds out what the package does in it.
import * as api from '../../dist/index.js';
import { probe } from '../runtimes/probe.mjs';

globalThis.report = JSON.stringify(probe(api));
