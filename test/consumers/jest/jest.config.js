// Without flags Jest loads no modules: softmax-simd, consumer-report and the test are transformed.
const ways = {
  require: {
    testMatch: ['**/dist/answers.test.js'],
    transformIgnorePatterns: ['node_modules/(?!(softmax-simd|consumer-report)/)'],
  },
  import: { testMatch: ['**/answers.test.mjs'], transform: {} },
};

const project = ([way, options], testEnvironment) => ({
  displayName: `${way}-${testEnvironment}`,
  testEnvironment,
  moduleFileExtensions: ['js', 'mjs'],
  ...options,
});

module.exports = {
  projects: Object.entries(ways).flatMap((way) => ['node', 'jsdom'].map((environment) => project(way, environment))),
};
