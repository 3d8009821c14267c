// What mdBook leaves out: the sidebar by keyboard, two themes by their plain names, protobuf, words
// that mean the same in a search, quizzes, and what does not fit into a narrow page.
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

    // Readers search by other words than the book's own. What they typed is found too.
    const synonyms = {
        backpressure: 'back pressure',
        bidi: 'bidirectional',
        stuck: 'hangs',
        timeout: 'deadline',
    };
    if (window.elasticlunr) {
        const load = elasticlunr.Index.load;
        elasticlunr.Index.load = data => {
            const index = load.call(elasticlunr.Index, data);
            const search = index.search;
            index.search = function (query, options) {
                const words = query.toLowerCase().split(/\s+/);
                const other = words.map(word => synonyms[word] || word).join(' ');
                const found = search.call(this, query, options);
                if (other === words.join(' ')) {
                    return found;
                }
                const known = new Set(found.map(it => it.ref));
                return found.concat(search.call(this, other, options).filter(it => !known.has(it.ref)));
            };
            return index;
        };
    }

    // A quiz tells why the chosen answer is right or wrong. Without this, all reasons are in its fold.
    for (const quiz of document.querySelectorAll('.quiz')) {
        const answers = [...quiz.querySelectorAll('input')];
        const reasons = quiz.querySelectorAll('details li');
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = document.documentElement.lang.startsWith('zh') ? '检查' : 'Check';
        button.disabled = true;
        const told = document.createElement('div');
        told.setAttribute('role', 'status');
        button.addEventListener('click', () => {
            told.innerHTML = reasons[answers.findIndex(answer => answer.checked)].innerHTML;
        });
        for (const answer of answers) {
            answer.addEventListener('change', () => {
                button.disabled = false;
                told.textContent = '';
            });
        }
        quiz.querySelector('details').before(button, told);
    }

    // Long names break between their words, and not inside one.
    for (const code of document.querySelectorAll('main :not(pre) > code')) {
        const text = code.textContent;
        if (code.children.length === 0 && text.length > 20 && /[_:/]/.test(text)) {
            code.replaceChildren(...text.split(/(?<=_|::|\/)/).flatMap((part, place) =>
                place ? [document.createElement('wbr'), part] : [part]));
        }
    }

    // A link that is more than code is underlined like the others.
    for (const link of document.querySelectorAll('main a:has(> code)')) {
        const hasWords = [...link.childNodes].some(it => it.nodeType === Node.TEXT_NODE && it.data.trim());
        link.classList.toggle('words', hasWords);
    }

    // A table that is wider than the page, or that squeezes sentences, becomes a list of its rows, each
    // cell under the name of its column. The roles keep it a table for a screen reader.
    const tables = [...document.querySelectorAll('main table')].map(table => {
        const names = [...table.querySelectorAll('thead th')].map(it => it.textContent);
        table.setAttribute('role', 'table');
        table.querySelectorAll('thead, tbody').forEach(it => it.setAttribute('role', 'rowgroup'));
        table.querySelectorAll('tr').forEach(it => it.setAttribute('role', 'row'));
        table.querySelectorAll('th').forEach(it =>
            it.setAttribute('role', it.textContent ? 'columnheader' : 'cell'));
        for (const row of table.querySelectorAll('tbody tr')) {
            [...row.cells].forEach((cell, place) => {
                cell.setAttribute('role', 'cell');
                cell.dataset.column = names[place] || '';
            });
        }
        return table;
    });
    // What is scrolled sideways can be reached by keyboard.
    const wide = document.querySelectorAll('main pre > code, main figure, main .table-wrapper');
    const fit = () => {
        for (const table of tables) {
            table.classList.remove('rows');
            const room = (table.closest('.table-wrapper') || table.parentElement).clientWidth;
            const isSqueezed = [...table.querySelectorAll('td')].some(it =>
                it.textContent.length > 40 && it.clientWidth < 130);
            table.classList.toggle('rows', room > 0 && (table.scrollWidth > room + 1 || isSqueezed));
        }
        for (const block of wide) {
            if (block.scrollWidth > block.clientWidth) {
                block.tabIndex = 0;
            } else {
                block.removeAttribute('tabindex');
            }
        }
    };
    fit();
    addEventListener('resize', fit);
    document.querySelectorAll('details').forEach(it => it.addEventListener('toggle', fit));
})();
