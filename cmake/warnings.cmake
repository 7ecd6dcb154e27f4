# The warnings every target of ours is compiled with.
function(avqa_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Wvla
        -Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion
        $<$<BOOL:${AVQA_WERROR}>:-Werror>)
endfunction()
