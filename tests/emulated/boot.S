/* Takes an emulated processor from its reset to C: a boot sector that reads the rest of
 * the disk to 64 kB, then 32 bits, page tables, long mode, and the registers of AVX-512
 * as far as the processor has them. Memory is mapped as it lies, in pages of 2 MB, but
 * for AREAS, whose pages main.c takes away one by one. Nothing is switched back on that
 * a test does not need: no interrupts, no segments, no second processor. */

.set TABLES, 0x1000     /* four pages: three levels, and one of small pages */
.set STACK, 0x80000
.set PER_READ, 64       /* sectors of 512 bytes */

.section .sector, "ax"
.code16
.globl sector
sector:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    ljmp $0, $1f
1:  movw $reads, %cx
2:  pushw %cx
    movb $0x42, %ah     /* the drive is in %dl since the BIOS jumped here */
    movw $packet, %si
    int $0x13
    jc 3f
    popw %cx
    addl $PER_READ, packet + 8
    addw $(PER_READ * 512 / 16), packet + 6
    loop 2b
    inb $0x92, %al      /* the address line that the first PCs did not have */
    orb $2, %al
    outb %al, $0x92
    lgdt descriptors_at
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $protected
3:  hlt
    jmp 3b

.balign 8
packet:                 /* size, sectors, to offset and segment, from sector */
    .word 16, PER_READ, 0, 0x1000
    .quad 1
descriptors:            /* none, code of 32 bits, data, code of 64 bits */
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00af9a000000ffff
descriptors_at:
    .word . - descriptors - 1
    .long descriptors
    .org 510
    .word 0xaa55

.section .start, "ax"
.code32
protected:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $TABLES, %edi  /* the tables: all zero, then as far as they are used */
    xorl %eax, %eax
    movl $4096, %ecx
    rep stosl
    movl $(TABLES + 0x1003), TABLES
    movl $(TABLES + 0x2003), TABLES + 0x1000
    movl $TABLES + 0x2000, %edi
    movl $0x83, %eax
1:  movl %eax, (%edi)   /* 16 MB of large pages */
    addl $8, %edi
    addl $0x200000, %eax
    cmpl $0x1000083, %eax
    jb 1b
    movl $(TABLES + 0x3003), TABLES + 0x2000 + 8 * 2    /* 4 MB: small ones */
    movl $TABLES + 0x3000, %edi
    movl $0x400003, %eax
2:  movl %eax, (%edi)
    addl $8, %edi
    addl $0x1000, %eax
    cmpl $0x600003, %eax
    jb 2b
    movl $0x40620, %eax /* PAE, OSFXSR, OSXMMEXCPT, OSXSAVE */
    movl %eax, %cr4
    movl $TABLES, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax    /* long mode */
    wrmsr
    movl %cr0, %eax
    andl $~4, %eax      /* no emulation of floating point */
    orl $0x80010022, %eax
    movl %eax, %cr0
    ljmpl $24, $long_mode

.code64
long_mode:
    movl $STACK, %esp
    movq $bss_begin, %rdi
    movq $bss_end, %rcx
    subq %rdi, %rcx
    xorl %eax, %eax
    rep stosb
    movq $gates, %rdi   /* 32 exceptions, each with a gate */
    movq $exceptions, %rax
    movl $32, %ecx
1:  movw %ax, (%rdi)
    movl $0x8e000018, 2(%rdi)
    movq %rax, %rdx
    shrq $16, %rdx
    movw %dx, 6(%rdi)
    movq $0, 8(%rdi)
    addq $16, %rdi
    addq $16, %rax
    loop 1b
    lidt gates_at
    call bare_main
2:  hlt
    jmp 2b

.balign 16
exceptions:
    .set number, 0
    .rept 32
    .balign 16
    movl $number, %edi
    jmp 1f
    .set number, number + 1
    .endr
1:  movq %cr2, %rsi
    movq (%rsp), %rdx   /* where, or an error code in front of it */
    movq 8(%rsp), %rcx
    andq $-16, %rsp
    call bare_exception
2:  hlt
    jmp 2b

.data
gates_at:
    .word 32 * 16 - 1
    .quad gates
.bss
.balign 16
gates:
    .skip 32 * 16

.section .note.GNU-stack, "", @progbits
