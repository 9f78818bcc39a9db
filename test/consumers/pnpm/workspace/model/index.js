module.exports = require('softmax-simd');
