// Networks in ONNX Runtime, as bench_encoder measures ours: encoder_onnx.js MODULES FOLDER THREADS SECONDS.
// Prints the best run's rate a second and a CPU second, behind a comparison with torch's numbers.
const fs = require('fs'), path = require('path');
const [modules, folder, threads, seconds] = process.argv.slice(2);
const ort = require(path.join(modules, 'onnxruntime-node'));
const floats = (file) => { const b = fs.readFileSync(path.join(folder, file)); return new Float32Array(b.buffer, b.byteOffset, b.length / 4); };
const cpu = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
(async () => {
    for (const [name, shape] of [['resnet18', [8, 3, 224, 224]], ['vggish', [8, 1, 96, 64]]]) {
        const session = await ort.InferenceSession.create(path.join(folder, name + '.onnx'),
            { intraOpNumThreads: +threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' });
        const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', floats(name + '.in').slice(), shape) };
        const want = floats(name + '.out');
        let wall = 0, rate = 0, off = 0, rms = 0;
        const end = Date.now() / 1e3 + +seconds;
        for (let i = 0; i < 2 || Date.now() / 1e3 < end; i++) {
            const start = performance.now(), before = cpu();
            const out = (await session.run(feeds))[session.outputNames[0]].data;
            if (i) {
                wall = Math.max(wall, 8e3 / (performance.now() - start));
                rate = Math.max(rate, 8 / (cpu() - before));
            } else {
                for (let k = 0; k < want.length; k++) {
                    off = Math.max(off, Math.abs(out[k] - want[k]));
                    rms += want[k] * want[k] / want.length;
                }
            }
        }
        console.log(`onnxruntime ${name}: f32 ${wall.toFixed(1)} ${rate.toFixed(1)} (off from torch by ${(off / Math.sqrt(rms)).toExponential(1)})`);
    }
})();
