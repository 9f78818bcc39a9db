import * as api from '../../dist/index.js';
import { probe } from '../runtimes/probe.mjs';

globalThis.postMessage(JSON.stringify(probe(api)));
