module.exports = {
  mode: 'production',
  entry: './src/main.js',
  performance: false,
  module: {
    rules: [
      {
        test: /softmax-simd.*\.js$/,
        // As the package says what is a module, and a string in it holds a whole script.
        type: 'javascript/auto',
        loader: 'babel-loader',
        options: { compact: true, presets: [['@babel/preset-env', { targets: 'chrome 70', modules: false }]] },
      },
    ],
  },
};
