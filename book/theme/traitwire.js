// What mdBook leaves out: the sidebar by keyboard, two themes by their plain names, protobuf.
'use strict';

(() => {
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    toggle.setAttribute('role', 'button');
    toggle.tabIndex = 0;
    toggle.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            toggle.click();
        }
    });

    for (const theme of ['rust', 'navy', 'ayu']) {
        document.getElementById(`mdbook-theme-${theme}`).parentElement.remove();
    }
    document.getElementById('mdbook-theme-coal').textContent = 'Dark';

    hljs.registerLanguage('protobuf', hljs => ({
        keywords: {
            keyword: 'package import option message enum service rpc returns stream oneof repeated '
                + 'optional reserved syntax map to',
            built_in: 'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 '
                + 'sfixed32 sfixed64 bool string bytes',
            literal: 'true false',
        },
        contains: [
            hljs.QUOTE_STRING_MODE,
            hljs.NUMBER_MODE,
            hljs.C_LINE_COMMENT_MODE,
            hljs.C_BLOCK_COMMENT_MODE,
        ],
    }));
    document.querySelectorAll('code.language-protobuf').forEach(hljs.highlightBlock);
})();
