// As React Native from 0.79 on has it.
module.exports = { resolver: { unstable_enablePackageExports: true, unstable_conditionNames: ['react-native'] } };
