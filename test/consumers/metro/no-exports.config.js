// As React Native before 0.79 had it.
module.exports = { resolver: { unstable_enablePackageExports: false } };
