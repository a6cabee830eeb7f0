using System;

namespace Stylebridge.Tests
{
    /// <summary>Prints how many bytes a thousand frames leave for the garbage collector.</summary>
    internal static class GarbageChecks
    {
        private const int Frames = 1000;
        private const int Width = 9;
        private const int Height = 7;

        internal static int Print()
        {
            var side = new PixelSide(color: PixelColor.Linear, layout: PixelLayout.Nhwc);
            foreach (PixelFit fit in new[] { PixelFit.Pad, PixelFit.Resize })
            {
                var converter = new PixelConverter(new PixelContract(side, side, 4, fit));
                Console.WriteLine(fit + " " + Allocated(converter, false));
            }
            // The measure itself must see one small array a frame.
            Console.WriteLine("array " + Allocated(new PixelConverter(new PixelContract()), true));
            return 0;
        }

        private static long Allocated(PixelConverter converter, bool withArray)
        {
            converter.Prepare(Width, Height);
            var color = new byte[4 * Width * Height];
            var tensor = new float[converter.TensorLength];
            bool planar = converter.Contract.Output.Layout == PixelLayout.Nchw;
            int[] shape = planar
                ? new[] { 1, 3, converter.TensorHeight, converter.TensorWidth }
                : new[] { 1, converter.TensorHeight, converter.TensorWidth, 3 };
            long before = 0;
            for (int i = 0; i <= Frames; i++)
            {
                if (i == 1)
                {
                    before = GC.GetAllocatedBytesForCurrentThread(); // the first frame compiles
                }
                converter.Prepare(Width, Height);
                converter.ToTensor(color, Width, Height, 4, tensor);
                converter.ToFrame(tensor, shape, color, Width, Height, 4, withArray ? new byte[color.Length] : color);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
