const DISABLING = /^\s*(?:oxlint|eslint)-disable/;

/** Comments that switch a rule off say why: `oxlint-disable-next-line RULE -- REASON`. */
const explained = {
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (!DISABLING.test(comment.value) || /\s--+\s+\S/.test(comment.value)) continue;
          context.report({ loc: comment.loc, message: 'Say why, after `--`.' });
        }
      },
    };
  },
};

export default { meta: { name: 'comments' }, rules: { explained } };
